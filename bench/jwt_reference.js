// What a viewer-request function that admits bearers of one HS256 token has to do, and no more.
import cf from 'cloudfront';
import crypto from 'crypto';

const store = cf.kvs();

function same(one, other) {
  if (one.length !== other.length) {
    return false;
  }
  let difference = 0;
  for (let i = 0; i < one.length; i++) {
    difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  }
  return difference === 0;
}

async function handler(event) {
  const request = event.request;
  const parts = request.headers.authorization.value.slice(7).split('.');
  const secret = await store.get('jwt');
  const signed = crypto.createHmac('sha256', secret).update(parts[0] + '.' + parts[1]).digest('base64url');
  const claims = JSON.parse(Buffer.from(parts[1], 'base64url').toString());
  if (parts.length !== 3 || !same(signed, parts[2]) || claims.exp * 1000 < Date.now()) {
    return { statusCode: 401 };
  }
  return request;
}
