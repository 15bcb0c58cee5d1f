// Who else works on the same store, for the status page and for alerts: each instance says now and
// then that it is there. Nothing is decided by this: who may write is the claims' affair
// (state_store.h).
//
// Thread-safe. Errors are those of store.h.
#ifndef SIGNINWATCH_DAEMON_STORE_INSTANCE_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_INSTANCE_STORE_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/shard_claim.h"
#include "parser/event_time.h"

namespace signinwatch::store {

// What an instance says of itself.
struct InstanceFacts {
  std::string name;                         // how people know it: host, pod, address of its pages
  std::string role;                         // "all", "detect", ...
  std::string version;                      // of the program
  EventTime started_at = kBeginningOfTime;  // wall time
  std::string details = {};  // JSON, its own affair; at most kInstanceDetailsBytesMax
};
inline constexpr size_t kInstanceDetailsBytesMax = 256 * 1024;
// kInvalidArgument.
[[nodiscard]] absl::Status CheckBounds(const InstanceFacts& facts);

struct Instance {
  InstanceFacts facts;
  EventTime seen_at = kBeginningOfTime;  // when it last said so, by its wall clock
  std::vector<Shard> shards = {};        // that it has claimed
  bool is_this = false;
};

struct Instances {
  std::vector<Instance> seen = {};  // the earliest started first
  std::vector<Shard> unowned = {};  // that somebody had once, and none of `seen` has
};
// Older ones are not shown. So many are kept, the last ones seen.
inline constexpr Duration kInstanceShownFor = std::chrono::minutes(1);
inline constexpr size_t kInstancesMax = 1'000;

class InstanceStore {
 public:
  virtual ~InstanceStore() = default;

  // That this instance is there. kInvalidArgument: details beyond their bound.
  virtual absl::Status NoteInstance(const InstanceFacts& facts, EventTime now) = 0;
  // That it is going.
  virtual absl::Status ForgetInstance() = 0;
  virtual absl::Status FindInstances(EventTime now, Instances* instances) = 0;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_INSTANCE_STORE_H_
