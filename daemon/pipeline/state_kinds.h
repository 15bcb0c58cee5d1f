// The kinds of keyed state that are counted and have a bound, in one list: for the metrics and the
// page of capacity.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_STATE_KINDS_H_
#define SIGNINWATCH_DAEMON_PIPELINE_STATE_KINDS_H_

#include <array>
#include <cstddef>

namespace signinwatch::pipeline {

struct StateKind {
  const char* name;  // as in labels
  size_t count;
};

// `counts`: DetectorSizes, or DetectionLimits, whose members have the same names.
template <typename Counts>
[[nodiscard]] std::array<StateKind, 6> StateKinds(const Counts& counts) {
  return {{{"tenants", counts.tenants},
           {"users", counts.users},
           {"failing_users", counts.failing_users},
           {"ids", counts.dedup_ids},
           {"events", counts.live_events},
           {"tickets", counts.tickets}}};
}

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_STATE_KINDS_H_
