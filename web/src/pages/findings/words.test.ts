import { expect, test } from 'vitest';
import { platformOf } from './words.ts';

test.each([
  ['ALPINE_3_11_0', 'Alpine 3.11.0'],
  ['DEBIAN_12', 'Debian 12'],
  ['UBUNTU_22_04', 'Ubuntu 22.04'],
  ['AMAZON_LINUX_2', 'Amazon Linux 2'],
  ['AMZN_2023', 'Amazon Linux 2023'],
  ['RHEL_9_4', 'RHEL 9.4'],
  ['OPENSUSE_LEAP_15_6', 'openSUSE Leap 15.6'],
  [undefined, undefined],
])('%s', (word, name) => expect(platformOf(word)).toBe(name));
