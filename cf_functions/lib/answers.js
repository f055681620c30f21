function answer(statusCode, body, contentType) {
  return {
    statusCode: statusCode,
    headers: {
      'content-type': { value: contentType },
      'cache-control': { value: 'no-store' }
    },
    body: JSON.stringify(body)
  };
}

export function success(body) {
  return answer(200, body, 'application/json');
}

export function refusal(statusCode, code, message, details) {
  const error = { code: code, message: message };
  // CloudFront's log has this header and no other of the response, so it names the code, too.
  const contentType = 'application/json; code=' + code;
  return answer(statusCode, { error: Object.assign(error, details) }, contentType);
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
