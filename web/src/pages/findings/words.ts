// What findings and what they are about are called.
import type { Finding, Resource, VulnerablePackage } from '../../api/types.ts';
import { shortId } from '../../parts/Copy.tsx';

// nameOf returns what a person calls a resource.
export function nameOf({ id, tags, details, type }: Resource): string {
  const image = details?.awsEcrContainerImage;
  if (image) return image.repositoryName + (image.imageTags?.[0] ? `:${image.imageTags[0]}` : `@${image.imageHash.slice(7, 19)}`);
  if (type === 'AWS_EC2_INSTANCE' && tags?.Name) return tags.Name;
  return details?.awsLambdaFunction?.functionName ?? details?.codeRepository?.projectName ?? shortId(id);
}

export const packagesOf = (f: Finding): VulnerablePackage[] => f.packageVulnerabilityDetails?.vulnerablePackages ?? [];

// versionOf returns the whole version, as the package manager writes it.
export const versionOf = ({ epoch, version, release }: VulnerablePackage) =>
  (epoch ? `${epoch}:` : '') + version + (release ? `-${release}` : '');

// fixOf returns the version that has no vulnerability any more, without an epoch
// that says nothing.
export const fixOf = ({ fixedInVersion }: VulnerablePackage) => (fixedInVersion === 'NotAvailable' ? undefined : fixedInVersion?.replace(/^0:/, ''));

// platformOf returns the name of an operating system of the API's word for it:
// "ALPINE_3_11_0" is "Alpine 3.11.0".
export const platformOf = (platform: string | undefined) =>
  platform?.replace(/(?<=\d)_(?=\d)/g, '.').split('_').map((word) => systems[word] ?? (word.length > 3 ? word.charAt(0) + word.slice(1).toLowerCase() : word)).join(' ');

const systems: Record<string, string> = { OPENSUSE: 'openSUSE', SUSE: 'SUSE', RHEL: 'RHEL', SLES: 'SLES', CENTOS: 'CentOS', ALMALINUX: 'AlmaLinux', MACOS: 'macOS', AMZN: 'Amazon Linux' };

export const titleOf = (f: Finding) => f.title ?? f.findingArn;

// Package managers. Source: API reference of Amazon Inspector, PackageManager.
export const managers: Record<string, string> = {
  OS: 'Operating system', PIP: 'pip', POETRY: 'Poetry', PIPENV: 'Pipenv', PYTHONPKG: 'Python package', NPM: 'npm', NODEPKG: 'Node package', YARN: 'Yarn', PNPM: 'pnpm',
  GOMOD: 'Go modules', GOBINARY: 'Go program', GEMSPEC: 'Gem', BUNDLER: 'Bundler', COMPOSER: 'Composer', CARGO: 'Cargo', NUGET: 'NuGet', DOTNET_CORE: '.NET',
  JAR: 'Jar', POM: 'Maven', GRADLE: 'Gradle',
};
