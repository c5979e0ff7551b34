// Pages behind a login, for axe and for the contact sheets. Each surface adds its own.

export async function signedInPages() {
  return [];
}
