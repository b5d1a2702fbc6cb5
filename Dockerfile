# The executable and the libraries it is linked to: no shell, no package manager, no node_modules.
# docker build --tag taskwire .

FROM oven/bun:1.4.5-slim AS build
WORKDIR /src
COPY package.json bun.lock bunfig.toml ./
COPY .ci/patches .ci/patches
RUN bun install --frozen-lockfile --production --ignore-scripts
COPY tsconfig.json ./
COPY .ci/build.ts .ci/build.ts
COPY drizzle drizzle
COPY src src
RUN bun .ci/build.ts

FROM debian:13-slim AS files
COPY --from=build /src/dist/taskwire /files/usr/local/bin/taskwire
# The libraries by the paths the loader looks for them, the loader itself among them; who runs; where data goes.
RUN set -eu; \
    ldd /files/usr/local/bin/taskwire | grep -o '/[^ ]*' | xargs cp --parents --dereference --target-directory=/files; \
    mkdir -p /files/etc /files/tmp /files/data; \
    chmod 1777 /files/tmp; \
    chmod 700 /files/data; \
    chown 10001:10001 /files/data; \
    echo 'taskwire:x:10001:10001:Taskwire:/data:/usr/sbin/nologin' > /files/etc/passwd; \
    echo 'taskwire:x:10001:' > /files/etc/group; \
    echo 'hosts: files dns' > /files/etc/nsswitch.conf

FROM scratch
LABEL org.opencontainers.image.title="Taskwire" \
      org.opencontainers.image.description="A self-hosted, real-time task server in one executable" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
COPY --from=files /files /
ENV MODE=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/taskwire", "health"]
ENTRYPOINT ["/usr/local/bin/taskwire"]
CMD ["serve"]
