// Bringing what the next records will touch nearer to the processor.
//
// The state of millions of users is in memory far away, behind pointers. Each signal is followed
// over two links while the signals before it are applied: to the entries of its user (and, of a
// failure, of its tracks), and half the distance later to what these refer to. Further links
// (sessions, failures, texts) were followed once: that brought failures a tenth at a million users,
// and cost successes, of which there are a hundred times as many, a tenth at any number
// (bench/README.md).
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {

void Detector::Impl::Prefetch(const Signal& signal) {
  if (signal.tenant != coming_tenant_) {
    const auto tenant = tenants_.Find(signal.tenant);
    if (!tenant) return;
    coming_tenant_ = signal.tenant;
    coming_tenant_index_ = *tenant;
  }
  const auto tenant_of = [this](const Hashed<UserKey>& user) {
    return users_.Hash(UserKey(user.key.tenant, UserId()));
  };
  const Coming first{.user = users_.Hash(UserKey(coming_tenant_index_, signal.user)),
                     .counts = !signal.is_audit() && rules_.ClassOf(signal.code) != nullptr};
  users_.Prefetch(first.user);
  if (first.counts) {
    dedup_.Prefetch(DedupKey(signal));
    tracks_.Prefetch(first.user);
    tracks_.Prefetch(tenant_of(first.user));
  }
  const Coming second = std::exchange(coming_[coming_next_++ % coming_.size()], first);
  if (const UserState* state = users_.Find(second.user)) {
    state->familiar.Prefetch();
    __builtin_prefetch(state->detail.get());
  }
  if (!second.counts) return;
  for (const Hashed<UserKey>& key : {second.user, tenant_of(second.user)}) {
    if (const TrackTable::Tracks* tracks = tracks_.Of(key)) __builtin_prefetch(tracks->data());
  }
}

}  // namespace signinwatch
