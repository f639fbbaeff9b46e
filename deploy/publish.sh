#!/usr/bin/env bash
# Creates the archive that deploy.sh deploys: the service and the command line for one platform, with the .NET runtime, compiled ahead of
# time, and the systemd units.
#
#   deploy/publish.sh RID FOLDER      RID: linux-x64 or linux-arm64; writes FOLDER/orion-VERSION-COMMIT-RID.tar.gz and prints its path
#   deploy/publish.sh --name          prints the version and commit of the archive
#
# Needs the .NET SDK of global.json, git, and GNU tar. Fails if there are uncommitted changes, because the commit names the archive.
set -euo pipefail
rid=${1:?usage: deploy/publish.sh RID FOLDER}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ $rid != --name ]]; then
  folder=${2:?usage: deploy/publish.sh RID FOLDER}
  mkdir -p "$folder"
  folder=$(cd "$folder" && pwd)
fi
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if [[ -n $(git status --porcelain -- src deploy Directory.Build.props Directory.Packages.props global.json THIRD-PARTY-NOTICES.txt) ]]; then
  echo "There are uncommitted changes. Commit or stash them, because the commit names the release." >&2
  exit 1
fi
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
commit=$(git rev-parse --short=12 HEAD)
if [[ $rid == --name ]]; then
  printf 'version=%s\ncommit=%s\n' "$version" "$commit"
  exit
fi
name=orion-$version-$commit-$rid

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
# Publishes both projects to one folder, so that shared assemblies exist once; their versions are the same (Directory.Packages.props).
# The service needs the larger set of runtime files, so it is published last.
for project in Cli Api; do
  dotnet publish "src/Orion.$project/Orion.$project.csproj" --configuration Release --runtime "$rid" --self-contained true \
    --output "$stage/app" -p:RestoreLockedMode=true -p:PublishReadyToRun=true -p:DebugType=none -p:PublishDocumentationFiles=false \
    -p:PublishReferencesDocumentationFiles=false --nologo -v quiet -clp:NoSummary >&2
done
# Only debuggers need these files.
rm -f "$stage"/app/{createdump,libmscordaccore.so,libmscordbi.so}
cp -R deploy/systemd "$stage/systemd"
install -D -m 755 deploy/orion "$stage/bin/orion"
printf 'version=%s\ncommit=%s\nrid=%s\n' "$version" "$commit" "$rid" >"$stage/RELEASE"
cp LICENSE THIRD-PARTY-NOTICES.txt "$stage/"
chmod -R u=rwX,go=rX "$stage"

# The archive of a commit is reproducible, except for the output of the compiler.
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" -cf - . | gzip -n >"$folder/$name.tar.gz.part"
mv "$folder/$name.tar.gz.part" "$folder/$name.tar.gz"
echo "$folder/$name.tar.gz"
