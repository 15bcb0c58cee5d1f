# docker build -t signinwatch .
#
# The image is the Debian package, installed: what the program needs is said once, there. Pin the base
# by its digest where builds must be the same again:
#   docker build --build-arg BASE=debian@sha256:... -t signinwatch .
ARG BASE=debian:bookworm-slim

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
