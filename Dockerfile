# docker build -t signinwatch .
#
# The image is the Debian package, installed: what the program needs is said once, there. The base is
# pinned, so that the same commit starts from the same bytes; packages in it are brought up to date
# below. A newer base:
#   docker build --build-arg BASE=debian:bookworm-slim -t signinwatch .
ARG BASE=debian:12.13-slim@sha256:67b30a61dc87758f0caf819646104f29ecbda97d920aaf5edc834128ac8493d3

FROM ${BASE} AS build
WORKDIR /src
COPY . .
RUN ./dev package

FROM ${BASE}
# The user of the package, by a number that Kubernetes can check to be another than root's. Certificates
# are what Event Hubs and webhooks are checked by. No versions: Debian serves the latest fixes alone.
# hadolint ignore=DL3008
RUN --mount=type=bind,from=build,source=/src/build/release,target=/packages \
    groupadd --gid 65532 signinwatch \
    && useradd --uid 65532 --gid 65532 --no-create-home --home-dir /var/lib/signinwatch \
        --shell /usr/sbin/nologin signinwatch \
    && apt-get update \
    && apt-get upgrade -y \
    && apt-get install -y --no-install-recommends \
        ca-certificates systemd-standalone-sysusers /packages/*.deb \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o signinwatch -g signinwatch -m 0700 /var/lib/signinwatch
USER 65532:65532
# State, tickets, positions: the one place that is written to, so --read-only is fine.
VOLUME /var/lib/signinwatch
EXPOSE 9532
# No HEALTHCHECK: Docker does nothing about a container that fails one, Kubernetes does not look at it,
# and both /-/healthy and /-/ready are there for what does (deploy/compose, deploy/helm).
ENTRYPOINT ["/usr/bin/signinwatch"]
CMD ["serve", "--config", "/etc/signinwatch/signinwatch.yaml"]
