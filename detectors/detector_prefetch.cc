// Bringing what the next records will touch nearer to the processor.
//
// The state of millions of users is in memory far away, behind chains of pointers: table, user,
// detail, track, session, failures, texts. Waiting for each link in turn is what a failure would
// cost most of. So each signal is followed along its chain while the signals before it are applied:
// every call of Prefetch takes the signals of a few calls ago one link further.
#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

// How many calls after the first link each further one is followed. The last is below the distance
// at which Prefetch is worth calling (detector.h).
enum Stage : size_t {
  kUser = 4,
  kTracks = 6,
  kSessionLists = 8,
  kSessions = 9,
  kFailures = 11,
  kTexts = 12,
  kTextBytes = 13,
};

}  // namespace

void Detector::Impl::Prefetch(const Signal& signal) {
  const bool counts = !signal.is_audit() && ClassOf(signal.code) != nullptr;
  if (signal.tenant != coming_tenant_) {
    const auto tenant = tenant_index_.find(signal.tenant);
    if (tenant == tenant_index_.end()) return;
    coming_tenant_ = signal.tenant;
    coming_tenant_index_ = tenant->second;
  }
  const Coming& coming =
      coming_[++coming_at_ % coming_.size()] = {UserKey(coming_tenant_index_, signal.user), counts};
  users_.Prefetch(coming.user);
  if (counts) {
    dedup_.Prefetch(DedupKey(signal));
    __builtin_prefetch(tenants_[coming_tenant_index_].get());
  }
  const Coming& user = CallsAgo(kUser);
  if (const UserState* state = users_.Find(user.user)) {
    state->familiar.Prefetch();
    if (state->detail != nullptr) {
      __builtin_prefetch(state->detail.get());
      __builtin_prefetch(&state->detail->tracks);
    }
  }
  for (const Stage stage : {kTracks, kSessionLists, kSessions, kFailures, kTexts, kTextBytes}) {
    const Coming& failure = CallsAgo(stage);
    if (!failure.counts) continue;
    if (const UserState* state = users_.Find(failure.user);
        state != nullptr && state->detail != nullptr) {
      PrefetchTracks(state->detail->tracks, stage);
    }
    if (const Tenant* tenant = tenants_[failure.user.tenant].get()) {
      PrefetchTracks(tenant->tracks, stage);
    }
  }
}

void Detector::Impl::PrefetchTracks(const std::vector<Track>& tracks, size_t stage) const {
  // g++ 12 takes a function that only prefetches for one without effects, and drops its calls.
  asm volatile("");
  if (stage == kTracks) {
    __builtin_prefetch(tracks.data());
    return;
  }
  for (const Track& track : tracks) {
    if (stage == kSessionLists) __builtin_prefetch(track.sessions.data());
    if (stage == kSessionLists || track.sessions.empty()) continue;
    const Session& session = *track.sessions.back();
    if (stage == kSessions) {
      session.Prefetch();
    } else if (stage == kFailures) {
      session.PrefetchFailures();
    } else if (const Failure* failure = session.any_failure(); failure != nullptr) {
      for (const TextId text :
           {failure->user.text, failure->user_principal_name, failure->device}) {
        if (stage == kTexts) {
          pool_.Prefetch(text);
        } else {
          __builtin_prefetch(pool_.Get(text).data());
        }
      }
    }
  }
}

}  // namespace signinwatch
