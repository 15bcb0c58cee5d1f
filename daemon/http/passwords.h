// Basic auth (RFC 7617) against bcrypt hashes.
//
// A check costs some tens of milliseconds of processor time, by design; what was right is
// remembered as a digest, so that a scraper pays once. One check is done at a time, so that
// guessing takes one processor at most.
#ifndef SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_
#define SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_

#include <chrono>
#include <condition_variable>
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
  // The name in a header that was right.
  [[nodiscard]] static std::string UserOf(std::string_view authorization);

 private:
  static constexpr size_t kRememberedMax = 256;

  // Whose turn it is to check, for as long as it lives. Not a std::timed_mutex: ThreadSanitizer of
  // g++ 12 does not know it.
  class Turn {
   public:
    Turn(const Passwords& passwords, std::chrono::milliseconds patience);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    [[nodiscard]] bool come() const { return come_; }

   private:
    const Passwords& passwords_;
    bool come_ = false;
  };
  [[nodiscard]] bool IsRemembered(const std::string& digest) const;
  void Remember(const std::string& digest) const;

  const std::map<std::string, std::string> hashes_;  // by user
  mutable std::mutex mutex_;                         // guards what follows
  mutable std::condition_variable free_;
  mutable bool checking_ = false;
  mutable std::set<std::string> remembered_;  // digests of name and password that were right
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_
