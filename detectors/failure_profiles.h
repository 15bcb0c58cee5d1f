// What failures have in common beside who and where (SPEC 6.5): Conditional Access, risk, client,
// kind of token, home tenant, failing policies. Few combinations occur, so each is kept once and
// named by a number, and a failure has four bytes of it.
//
// Numbers stay valid while the profile is marked in every sweep, as texts' (text_pool.h), with
// which they are swept. A profile takes an entry of 48 bytes, its key (14 bytes, and 4 a failing
// policy) twice, and 40 for its place in the index; tests/detectors/failure_profiles_test.cc holds
// that.
#ifndef SIGNINWATCH_DETECTORS_FAILURE_PROFILES_H_
#define SIGNINWATCH_DETECTORS_FAILURE_PROFILES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detectors/text_pool.h"
#include "parser/signal.h"
#include "parser/table_hash.h"

namespace signinwatch {

struct FailureProfile {
  // Further failing policies of one failure are not kept, and counted by NoteCut.
  static constexpr size_t kPoliciesMax = 64;

  ConditionalAccessStatus conditional_access = ConditionalAccessStatus::kUnknown;
  SignInRisk risk = SignInRisk::kNone;
  TextId client = 0;
  TextId token_type = 0;
  TextId home_tenant = 0;                // as Signal::home_tenant
  std::vector<TextId> failing_policies;  // sorted, each once
};

// 0 is the profile of which nothing is known.
using ProfileId = uint32_t;

class FailureProfiles {
 public:
  // Beyond `profiles_max` new ones become 0; counted in evicted().
  explicit FailureProfiles(size_t profiles_max = SIZE_MAX);

  // Costs least when `guess` is right; 0 is no guess.
  [[nodiscard]] ProfileId Intern(const FailureProfile& profile, ProfileId guess = 0);
  void NoteCut() { ++evicted_; }
  // Valid until the next Intern or EndSweep.
  [[nodiscard]] const FailureProfile& Get(ProfileId id) const { return entries_[id].profile; }

  // As TextPool's. EndSweep marks the texts of those that stay, so the pool's own comes after it.
  [[nodiscard]] bool wants_sweep() const { return size() > sweep_at_; }
  void BeginSweep();
  void Mark(ProfileId id) { entries_[id].marked = true; }
  void EndSweep(TextPool* pool);

  [[nodiscard]] size_t size() const { return index_.size(); }
  // Estimate of the memory held; O(1).
  [[nodiscard]] size_t bytes() const { return entries_.capacity() * sizeof(Entry) + key_bytes_; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }

 private:
  struct Entry {
    FailureProfile profile;
    bool used = false;
    bool marked = false;
  };
  [[nodiscard]] static std::string KeyOf(const FailureProfile& profile);
  [[nodiscard]] static size_t BytesOfKey(const std::string& key);

  size_t profiles_max_;
  std::vector<Entry> entries_;
  std::vector<ProfileId> free_;
  absl::flat_hash_map<std::string, ProfileId, TableHash> index_;
  size_t key_bytes_ = 0;  // of the index, and of what profiles refer to
  size_t sweep_at_;
  uint64_t evicted_ = 0;
};

// For saving (row_archive.h).
template <typename A>
void Fields(A& a, FailureProfile& profile) {
  a(profile.conditional_access, profile.risk);
  for (TextId* text : {&profile.client, &profile.token_type, &profile.home_tenant}) a.Text(*text);
  Texts(a, profile.failing_policies);
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_FAILURE_PROFILES_H_
