// Basic auth (RFC 7617) against bcrypt hashes.
//
// A check costs some tens of milliseconds of processor time, by design; what was right is
// remembered as a digest, so that a scraper pays once. One check is done at a time, so that
// guessing takes one processor at most.
#ifndef SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_
#define SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace signinwatch {

class Passwords {
 public:
  explicit Passwords(std::map<std::string, std::string> hashes) : hashes_(std::move(hashes)) {}

  // Nobody needs to log in.
  [[nodiscard]] bool empty() const { return hashes_.empty(); }

  // kBusy: others are being checked, and were for `patience`.
  enum class Verdict : uint8_t { kRight, kWrong, kBusy };
  // `authorization`: the header. Thread-safe.
  [[nodiscard]] Verdict Check(std::string_view authorization,
                              std::chrono::milliseconds patience = std::chrono::seconds(2)) const;

 private:
  static constexpr size_t kRememberedMax = 256;

  const std::map<std::string, std::string> hashes_;  // by user
  mutable std::timed_mutex checking_;
  mutable std::mutex remembered_mutex_;
  mutable std::set<std::string> remembered_;  // digests of name and password that were right
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_
