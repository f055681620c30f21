// Runs a batch of calls in one process, on njs or Node, without globals that CloudFront lacks.
import batch from './batch.js';
import cloudfront from 'cloudfront';
import handlers from './handlers.js';

const print = console.log;
const RealDate = Date;
let clock = 0;
let logged = [];

function FrozenDate(time) {
  if (arguments.length > 1) {
    return new (RealDate.bind.apply(RealDate, [null].concat(Array.prototype.slice.call(arguments))))();
  }
  return new RealDate(arguments.length === 0 ? clock : time);
}

FrozenDate.UTC = RealDate.UTC;
FrozenDate.parse = RealDate.parse;
FrozenDate.prototype = RealDate.prototype;
FrozenDate.now = function () {
  return clock;
};

function confine() {
  globalThis.Date = FrozenDate;
  globalThis.console = {
    log: function (message) {
      logged.push(message);
    }
  };
  Math.random = undefined;
  ['process', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'fetch', 'ngx', 'njs']
    .forEach(function (name) {
      delete globalThis[name];
    });
}

async function outcomeOf(call) {
  clock = call.clock;
  logged = [];
  cloudfront.fill(batch.stores[call.store]);
  const outcome = { reads: cloudfront.readsSoFar(), logged: logged };
  try {
    outcome.answer = await handlers[call.function](call.event);
  } catch (problem) {
    outcome.crash = String(problem);
  }
  return outcome;
}

// njs cuts each printed line after 2,048 bytes, so an outcome is printed in lines of base64 and ends
// with a full stop.
function report(outcome) {
  const text = Buffer.from(JSON.stringify(outcome)).toString('base64');
  for (let start = 0; start < text.length; start += 2000) {
    print(text.slice(start, start + 2000));
  }
  print('.');
}

async function run() {
  for (let i = 0; i < batch.calls.length; i++) {
    const outcome = await outcomeOf(batch.calls[i]);
    report(outcome);
  }
}

confine();
run();
