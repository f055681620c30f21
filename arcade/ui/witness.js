/**
 * A fetch that remembers what the edge signed last, so that the page can show it: the signature of the
 * end token, which is its second half.
 */
export function witness() {
  const seen = { signature: null };
  return {
    seen,
    async fetch(address, options) {
      const answer = await globalThis.fetch(address, options);
      if (answer.ok && new URL(address, location.href).pathname.endsWith('/get-end')) {
        const { token_end: token } = await answer.clone().json();
        seen.signature = token.split('.')[1];
      }
      return answer;
    },
  };
}
