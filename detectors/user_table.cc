#include "detectors/user_table.h"

namespace signinwatch {

bool UserTable::ChooseVictim(const Shard& shard, const UserKey& newcomer, UserKey* victim) {
  // The table iterates from an arbitrary place in arbitrary order, so the first few are a sample.
  constexpr int kSample = 16;
  int seen = 0;
  bool any = false;
  int64_t oldest = 0;
  for (const auto& [key, state] : shard) {
    if (key == newcomer || state.detail != nullptr) continue;
    const int64_t day = state.familiar.LatestDay();
    if (!any || day < oldest) {
      any = true;
      oldest = day;
      *victim = key;
    }
    if (++seen == kSample) break;
  }
  return any;
}

size_t UserTable::bytes() const {
  size_t bytes = sizeof(*this) + detailed_.capacity() * (sizeof(UserKey) + 1);
  for (const Shard& shard : shards_) bytes += shard.capacity() * kEntryBytes;
  ForEach([&](const UserKey&, const UserState& state) {
    bytes += state.familiar.bytes();
    if (state.returns.size() > 2) bytes += state.returns.capacity() * sizeof(EventTime);
    if (state.detail == nullptr) return;
    const UserDetail& detail = *state.detail;
    bytes += sizeof(detail) + detail.spilled.capacity() * sizeof(SpilledDay) +
             (detail.bad_passwords.times().capacity() + detail.expired.times().capacity()) *
                 sizeof(EventTime) +
             detail.tracks.capacity() * sizeof(Track);
    for (const Track& track : detail.tracks) {
      bytes += track.past.capacity() * sizeof(PastBurst);
      for (const auto& session : track.sessions) bytes += session->bytes();
    }
  });
  return bytes;
}

}  // namespace signinwatch
