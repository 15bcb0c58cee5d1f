// A look at a store from outside, for `signinwatch doctor`. Writes nothing, and takes no lock but,
// of a file, for the moment in which it asks whether somebody has it.
#ifndef SIGNINWATCH_DAEMON_STORE_STORE_PROBE_H_
#define SIGNINWATCH_DAEMON_STORE_STORE_PROBE_H_

#include <cstdint>
#include <string>

#include "daemon/store/database_facts.h"
#include "daemon/store/open_store.h"

namespace signinwatch::store {

struct StoreFacts {
  std::string problem;      // why it can't be written: a folder or file; empty: it can
  uint64_t file_bytes = 0;  // 0: there is none yet
  uint64_t free_bytes = 0;  // of its disk, for this user
  std::string holder;       // "process 17 on host since ...": a daemon has it; empty: nobody
};

[[nodiscard]] StoreFacts ProbeStore(const std::string& path);

// Some seconds at most. `options` has a url.
[[nodiscard]] DatabaseFacts ProbeDatabase(const StoreOptions& options);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_STORE_PROBE_H_
