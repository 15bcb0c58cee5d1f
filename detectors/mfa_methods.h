// The methods by which users passed MFA (SPEC 6.5, `mfa`), each once for all users.
//
// Of a user a method is one more familiar source (familiarity.h), which has a key and no text; here
// is the text of each key. Entra knows a few dozen methods; a table of names that anybody chose
// would fill, so it has a bound, at which further ones are not seen. A method takes about 100
// bytes.
#ifndef SIGNINWATCH_DETECTORS_MFA_METHODS_H_
#define SIGNINWATCH_DETECTORS_MFA_METHODS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "detectors/familiarity.h"
#include "parser/event_time.h"
#include "parser/ids.h"
#include "parser/table_hash.h"

namespace signinwatch {

class MfaMethods {
 public:
  static constexpr size_t kMethodBytes = 112;

  // Further ones than `methods_max` have no key; counted in evicted().
  explicit MfaMethods(size_t methods_max) : methods_max_(methods_max) {}

  // MFA was passed by `method` at `t`. Its key; 0: absent, or there is no room.
  [[nodiscard]] SourceKey Note(std::string_view method, EventTime t) {
    return method.empty() ? 0 : NoteSome(method, t);
  }
  // Empty: not known.
  [[nodiscard]] std::string_view Text(SourceKey key) const;
  // Forgets those that nobody has used since `day` (UTC, since 1970) began. Costs nothing until the
  // day is another.
  void ForgetBefore(int64_t day);

  [[nodiscard]] size_t size() const { return methods_.size(); }
  [[nodiscard]] size_t bytes() const { return size() * kMethodBytes; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }

  // For saving. The journal has the keys of what has changed since it was last taken; it is kept
  // from the first call of TakeJournal on. A row's key is the method's, its value text and day.
  struct Method {
    std::string text;
    int64_t newest_day = 0;
  };
  [[nodiscard]] std::vector<SourceKey> TakeJournal();
  // nullptr: it was forgotten.
  [[nodiscard]] const Method* Find(SourceKey key) const;
  void Restore(SourceKey key, Method method) { methods_[key] = std::move(method); }
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [key, method] : methods_) visit(key, method);
  }

 private:
  SourceKey NoteSome(std::string_view method, EventTime t);
  void Journal(SourceKey key) {
    if (journaling_) journal_.insert(key);
  }

  size_t methods_max_;
  uint64_t evicted_ = 0;
  int64_t forgotten_before_ = 0;
  absl::flat_hash_map<SourceKey, Method, TableHash> methods_;
  bool journaling_ = false;
  absl::flat_hash_set<SourceKey, TableHash> journal_;
};

// For saving (row_archive.h).
template <typename A>
void Fields(A& a, MfaMethods::Method& method) {
  a(method.text, method.newest_day);
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_MFA_METHODS_H_
