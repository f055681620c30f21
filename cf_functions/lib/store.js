import cf from 'cloudfront';

export const store = cf.kvs();

// '' for a missing key. get() throws for missing keys and for failures; only exists() distinguishes them.
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
