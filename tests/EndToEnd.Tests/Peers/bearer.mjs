// Preloaded before a program that cannot be told a header: every request to one host carries the bearer token.
// CALLGATE_HOST is the host with its port, CALLGATE_TOKEN the token.
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';

const host = process.env.CALLGATE_HOST;
const value = 'Bearer ' + process.env.CALLGATE_TOKEN;

// fetch, Node's own included, and undici's request both go through the global dispatcher. The origin says where a
// request goes; its Host header may say something else on purpose.
setGlobalDispatcher(getGlobalDispatcher().compose((dispatch) => (options, handler) =>
  dispatch(new URL(String(options.origin)).host === host ? { ...options, headers: withToken(options.headers) } : options, handler)));

// A program that writes its own HTTP does it with this.
const request = http.request;
http.request = function (...given) {
  const made = request.apply(this, given);
  if (made.getHeader('host') === host && !made.hasHeader('authorization')) {
    made.setHeader('authorization', value);
  }
  return made;
};
syncBuiltinESMExports();

// Headers come as a flat list, as pairs, or as an object.
function withToken(headers) {
  if (Array.isArray(headers)) {
    return [...headers, ...(Array.isArray(headers[0]) ? [['authorization', value]] : ['authorization', value])];
  }
  const pairs = headers && typeof headers[Symbol.iterator] === 'function' ? Object.fromEntries(headers) : headers;
  return { ...pairs, authorization: value };
}
