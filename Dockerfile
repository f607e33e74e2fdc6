FROM node:20-slim AS build
WORKDIR /app
ENV NUXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npx nuxt build

FROM node:20-slim
WORKDIR /app
ENV NODE_ENV=production \
    PORT=10081 \
    RELAY_DATA_DIR=/app/data
# A new named volume takes over this directory's owner.
RUN install -d -o node -g node -m 700 /app/data
COPY --from=build /app/.output ./.output
USER node
VOLUME /app/data
EXPOSE 10081
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", ".output/server/index.mjs"]
