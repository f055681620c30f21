function answer(statusCode, body) {
  return {
    statusCode: statusCode,
    headers: {
      'content-type': { value: 'application/json' },
      'cache-control': { value: 'no-store' }
    },
    body: JSON.stringify(body)
  };
}

export function success(body) {
  return answer(200, body);
}

export function refusal(statusCode, code, message, details) {
  const error = { code: code, message: message };
  return answer(statusCode, { error: Object.assign(error, details) });
}

export function refuse(statusCode, code, message, details) {
  throw refusal(statusCode, code, message, details);
}

// Anything else is an internal error: the play is neither refused nor forwarded.
export function refusalFrom(problem) {
  if (problem.body) {
    return problem;
  }
  console.log('unavailable: ' + problem.message);
  return refusal(503, 'unavailable', 'try again later');
}
