// A role as people say it.

export function roleWord(role: string): string {
  return role.replaceAll("-", " ");
}
