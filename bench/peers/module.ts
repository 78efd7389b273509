/** The peers are a package of their own, which the project's installation does not touch. */
export async function peerModule(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    throw new Error(`${name} is not installed: run \`npm run bench -- --install-peers\` first.`, {
      cause: error,
    });
  }
}
