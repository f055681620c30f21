// Stands in for the runtime's module of this name: a store that records its reads.
let values = {};
let failing = [];
let reads = [];

function lookUp(method, key) {
  reads.push(key);
  if (failing.length && ['*', key, method + ' ' + key].some(name => failing.includes(name))) {
    throw Error('the store is failing');
  }
  return key in values;
}

const store = {
  get: async function (key, options) {
    if (!lookUp('get', key)) {
      throw Error('no such key: ' + key);
    }
    return options && options.format === 'json' ? JSON.parse(values[key]) : values[key];
  },
  exists: async function (key) {
    return lookUp('exists', key);
  }
};

export default {
  kvs: function () {
    return store;
  },
  fill: function (content) {
    values = content.values;
    failing = content.failing;
    reads = [];
  },
  readsSoFar: function () {
    return reads;
  }
};
