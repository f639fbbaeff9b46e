# syntax=docker/dockerfile:1
# The image with the service and the command line (docker exec … orion doctor), for docker-compose.yml and for a single container
# (README.md, "Run in a single container"). Docker's classic builder can also build it.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# Only the files that a restore needs, so that a code change does not invalidate the cached restore.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Directory.Build.props src/
COPY src/Orion.Domain/Orion.Domain.csproj src/Orion.Domain/packages.lock.json src/Orion.Domain/
COPY src/Orion.Application/Orion.Application.csproj src/Orion.Application/packages.lock.json src/Orion.Application/
COPY src/Orion.Infrastructure/Orion.Infrastructure.csproj src/Orion.Infrastructure/packages.lock.json src/Orion.Infrastructure/
COPY src/Orion.Mcp/Orion.Mcp.csproj src/Orion.Mcp/packages.lock.json src/Orion.Mcp/
COPY src/Orion.Api/Orion.Api.csproj src/Orion.Api/packages.lock.json src/Orion.Api/
COPY src/Orion.Cli/Orion.Cli.csproj src/Orion.Cli/packages.lock.json src/Orion.Cli/
# Ahead-of-time compilation shortens the startup (docs/performance.md).
ENV PublishReadyToRun=true
RUN for project in Cli Api; do dotnet restore "src/Orion.$project/Orion.$project.csproj" --use-current-runtime --locked-mode || exit 1; done

# Publishes for this platform only, without launcher, symbols and documentation files. Both projects use one folder, so that shared
# assemblies exist once; Directory.Packages.props guarantees that their versions are equal.
COPY src/ src/
RUN for project in Cli Api; do \
      dotnet publish "src/Orion.$project/Orion.$project.csproj" --configuration Release --no-restore --use-current-runtime --self-contained false \
        --output /app /p:UseAppHost=false /p:DebugType=none /p:PublishDocumentationFiles=false /p:PublishReferencesDocumentationFiles=false \
      || exit 1; \
    done

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
COPY LICENSE THIRD-PARTY-NOTICES.txt ./

RUN printf '#!/bin/sh\nexec dotnet /app/orion.dll "$@"\n' >/usr/local/bin/orion && chmod 755 /usr/local/bin/orion
COPY deploy/container/healthy /usr/local/bin/orion-healthy

# The folder of an embedded database; mount a volume here. The account is the unprivileged account of the base image.
RUN mkdir /data && chown "$APP_UID:$APP_UID" /data && chmod 700 /data
# Unset the port of the base image, because ASP.NET Core would log that it is overridden. Diagnostics would write outside of /data.
ENV ORION_DATA_DIR=/data \
    ORION_ENV_FILE=none \
    PORT=3002 \
    ASPNETCORE_HTTP_PORTS= \
    DOTNET_EnableDiagnostics=0
VOLUME /data
USER $APP_UID
EXPOSE 3002

HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 CMD ["/usr/local/bin/orion-healthy"]

ENTRYPOINT ["dotnet", "Orion.Api.dll"]
