// The base metrics of CVSS vectors in words.
// Source: FIRST, CVSS v4.0 (section 2), v3.1 (section 2) and v2.0 (section 2.1).

export interface Metric {
  key: string; // such as "AV"
  name: string;
  value: string; // such as "N"
  word: string; // such as "Network"
  text: string; // what that means
}

type Words = Record<string, [name: string, values: Record<string, [word: string, text: string]>]>;

// What is lost, by the letters of the values.
const secrecy: Record<string, [string, string]> = {
  H: ['High', 'All that is held there can be read, or what matters most.'],
  L: ['Low', 'Some of what is held there can be read.'],
  N: ['None', 'Nothing can be read that should not be.'],
};
const integrity: Record<string, [string, string]> = {
  H: ['High', 'All that is held there can be changed, or what matters most.'],
  L: ['Low', 'Some of what is held there can be changed.'],
  N: ['None', 'Nothing can be changed that should not be.'],
};
const availability: Record<string, [string, string]> = {
  H: ['High', 'It can be brought to a halt.'],
  L: ['Low', 'It can be slowed down or interrupted.'],
  N: ['None', 'It goes on running.'],
};
const reach: Record<string, [string, string]> = {
  N: ['Network', 'From any network that reaches it, even across routers.'],
  A: ['Adjacent', 'From the same local network only.'],
  L: ['Local', 'From the machine itself, or by something that a person opens there.'],
  P: ['Physical', 'By touching the machine.'],
};
const rights: Record<string, [string, string]> = {
  N: ['None', 'Without signing in.'],
  L: ['Low', 'With the rights of an ordinary user.'],
  H: ['High', 'With the rights of an administrator.'],
};

const three: Words = {
  AV: ['Attack vector', reach],
  AC: ['Attack complexity', { L: ['Low', 'It works each time.'], H: ['High', 'It works only under conditions that the attacker does not control.'] }],
  PR: ['Privileges required', rights],
  UI: ['User interaction', { N: ['None', 'Nobody else has to do anything.'], R: ['Required', 'A person has to do something, such as open a file.'] }],
  S: ['Scope', { U: ['Unchanged', 'Only what has the vulnerability is harmed.'], C: ['Changed', 'Something beyond what has the vulnerability is harmed, too.'] }],
  C: ['Confidentiality', secrecy],
  I: ['Integrity', integrity],
  A: ['Availability', availability],
};

const four: Words = {
  AV: ['Attack vector', reach],
  AC: ['Attack complexity', { L: ['Low', 'Nothing stands in the way.'], H: ['High', 'A defence has to be got around first.'] }],
  AT: ['Attack requirements', { N: ['None', 'It works on all deployments.'], P: ['Present', 'It works only where certain conditions hold.'] }],
  PR: ['Privileges required', rights],
  UI: ['User interaction', {
    N: ['None', 'Nobody else has to do anything.'],
    P: ['Passive', 'A person has to use what is attacked as usual.'],
    A: ['Active', 'A person has to do something particular, such as open a file.'],
  }],
  VC: ['Confidentiality of the system', secrecy],
  VI: ['Integrity of the system', integrity],
  VA: ['Availability of the system', availability],
  SC: ['Confidentiality of others', secrecy],
  SI: ['Integrity of others', integrity],
  SA: ['Availability of others', availability],
};

// Version 2 calls the same values Complete and Partial.
const older = ({ H, L, N }: Record<string, [string, string]>): Record<string, [string, string]> => ({ C: ['Complete', H![1]], P: ['Partial', L![1]], N: N! });
const two: Words = {
  AV: ['Access vector', { N: reach.N!, A: ['Adjacent network', reach.A![1]], L: reach.L! }],
  AC: ['Access complexity', {
    L: ['Low', 'It works each time.'],
    M: ['Medium', 'It works only under some conditions.'],
    H: ['High', 'It works only under rare conditions.'],
  }],
  Au: ['Authentication', { N: ['None', 'Without signing in.'], S: ['Single', 'After signing in once.'], M: ['Multiple', 'After signing in more than once.'] }],
  C: ['Confidentiality', older(secrecy)],
  I: ['Integrity', older(integrity)],
  A: ['Availability', older(availability)],
};

// metrics returns the base metrics of a vector, in the order of the standard;
// none if it is not understood.
export function metrics(vector: string): Metric[] {
  const words = vector.startsWith('CVSS:4') ? four : vector.startsWith('CVSS:3') ? three : two;
  const values = new Map(vector.split('/').map((part) => part.split(':', 2) as [string, string]));
  return Object.entries(words).flatMap(([key, [name, known]]) => {
    const value = values.get(key);
    const [word, text] = (value && known[value]) || [];
    return value && word && text ? [{ key, name, value, word, text }] : [];
  });
}
