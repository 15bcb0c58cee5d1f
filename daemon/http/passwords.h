// Basic auth (RFC 7617) against bcrypt hashes.
//
// A check costs some tens of milliseconds of processor time, by design; what was right is
// remembered as a digest, so that a scraper pays once. How many are made at a time is the caller's
// to bound.
#ifndef SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_
#define SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace signinwatch::http {

// Thread-safe.
class Passwords {
 public:
  // By name; a hash that BcryptCost() does not know, or whose cost is beyond kBcryptCostMax, fits
  // no password.
  explicit Passwords(const std::map<std::string, std::string>& hashes);

  // Nobody needs to log in.
  [[nodiscard]] bool empty() const { return hashes_.empty(); }

  enum class Verdict : uint8_t { kRight, kWrong, kBusy };
  // What is known of the header `Authorization` without hashing; nullopt: Check() has to find out.
  [[nodiscard]] std::optional<Verdict> Glance(std::string_view authorization) const;
  // kRight or kWrong. A wrong pair takes the same work whatever the name, whether it is known or
  // not, and whatever the cost of its hash: as much as the costliest hash of all.
  [[nodiscard]] Verdict Check(std::string_view authorization) const;
  // The name in a header that was right.
  [[nodiscard]] static std::string UserOf(std::string_view authorization);

 private:
  struct Hash {
    std::string setting;  // "$2b$10$" and 22 characters of salt; empty: fits nothing
    std::string sum;      // the 31 characters behind it
    int cost = 0;
  };

  static constexpr size_t kRememberedMax = 256;
  [[nodiscard]] static Hash HashOf(const std::string& text);
  [[nodiscard]] bool IsRemembered(const std::string& digest) const;
  void Remember(const std::string& digest) const;

  std::map<std::string, Hash> hashes_;  // by user
  int cost_max_ = 0;
  mutable std::mutex mutex_;                  // guards what follows
  mutable std::set<std::string> remembered_;  // digests of name and password that were right
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PASSWORDS_H_
