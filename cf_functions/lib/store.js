import cf from 'cloudfront';

export const store = cf.kvs();

// '' for a key that is not there. get() throws for it just as it does for a failure, and only
// exists() tells them apart.
export async function read(key) {
  try {
    return await store.get(key);
  } catch (failure) {
    const present = await store.exists(key);
    if (present) {
      throw failure;
    }
    return '';
  }
}
