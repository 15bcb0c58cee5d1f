#include "tests/daemon/store/conformance/store_kinds.h"

#include "tests/daemon/pipeline/memory_store.h"
#include "tests/daemon/store/postgres_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {
namespace {

template <typename Port>
StoreOpener<Port> Sqlite() {
  return [folder = std::make_shared<TemporaryFolder>()](const StoreLimits& limits) {
    return std::shared_ptr<Port>(MustOpen({.path = folder->Path("store.db"), .limits = limits}));
  };
}

template <typename Port>
StoreOpener<Port> Postgres() {
  return [url = PostgresServer::Shared().NewDatabase()](const StoreLimits& limits) {
    return std::shared_ptr<Port>(
        MustOpen({.url = url, .limits = limits, .clock = &clock::SystemClock()}));
  };
}

// What it holds it has only while it lives.
StoreOpener<StateStore> Memory() {
  return [store = std::make_shared<pipeline::MemoryStore>()](const StoreLimits&) { return store; };
}

}  // namespace

const std::vector<StoreKind<Store>>& Stores() {
  static const std::vector<StoreKind<Store>> kinds{{"Sqlite", Sqlite<Store>},
                                                   {"Postgres", Postgres<Store>}};
  return kinds;
}

const std::vector<StoreKind<StateStore>>& StateStores() {
  static const std::vector<StoreKind<StateStore>> kinds{
      {"Sqlite", Sqlite<StateStore>}, {"Postgres", Postgres<StateStore>}, {"Memory", Memory}};
  return kinds;
}

}  // namespace signinwatch::store
