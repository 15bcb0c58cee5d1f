#include "daemon/store/open_store.h"

#include "daemon/config/secret.h"
#include "daemon/store/postgres/database_probe.h"
#include "daemon/store/postgres/postgres_store.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "daemon/store/store_probe.h"

namespace signinwatch::store {
namespace {

postgres::PasswordReader PasswordOf(const config::SecretRef& secret) {
  if (secret.empty()) return nullptr;
  return [secret] { return config::ReadSecret(secret); };
}

}  // namespace

StoreOptions StoreOptionsOf(const config::StoreConfig& config, const clock::Clock& clock) {
  return {.path = config.path, .url = config.url, .password = config.password, .clock = &clock};
}

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreOptions& options) {
  if (options.url.empty()) {
    return SqliteStore::Open(options.path, options.limits, options.read_only);
  }
  return PostgresStore::Open({.url = options.url,
                              .password = PasswordOf(options.password),
                              .limits = options.limits,
                              .read_only = options.read_only,
                              .clock = *options.clock});
}

DatabaseFacts ProbeDatabase(const StoreOptions& options) {
  return postgres::ProbeDatabase({.url = options.url,
                                  .password = PasswordOf(options.password),
                                  .name = "signinwatch doctor",
                                  .read_only = true,
                                  .clock = *options.clock});
}

}  // namespace signinwatch::store
