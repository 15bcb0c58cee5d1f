#include "daemon/http/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "daemon/config/web_config.h"
#include "parser/ascii.h"

namespace signinwatch::http {
namespace {

constexpr size_t kSaltSize = 22;
constexpr size_t kSumSize = 31;
constexpr int kCostUsual = 10;  // where no hash can be used

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 4'096) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  // It counts what the padding stands for.
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

// "name:password"; nullopt: the header has none.
std::optional<std::string> PairOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() < kScheme.size() ||
      !EqualsWithoutCase(authorization.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  auto pair = DecodeBase64(authorization.substr(kScheme.size()));
  // crypt ends a password at a NUL, and would take what is before it.
  if (!pair || pair->find('\0') != std::string::npos || pair->find(':') == std::string::npos) {
    return std::nullopt;
  }
  return pair;
}

// Under a key of this process, so that the digests are of no use elsewhere.
std::string Digest(std::string_view text) {
  static const std::array<unsigned char, 32> key = [] {
    std::array<unsigned char, 32> random{};
    (void)::RAND_bytes(random.data(), static_cast<int>(random.size()));
    return random;
  }();
  std::string input(key.begin(), key.end());
  input += text;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  ::EVP_Digest(input.data(), input.size(), digest.data(), &size, ::EVP_sha256(), nullptr);
  ::OPENSSL_cleanse(input.data(), input.size());
  return {digest.begin(), digest.begin() + size};
}

// `cost`: of two digits, as bcrypt has it.
std::string Beginning(int cost) {
  return std::string("$2b$") + static_cast<char>('0' + cost / 10) +
         static_cast<char>('0' + cost % 10) + "$";
}

// The sum that bcrypt makes; empty: the setting is none.
std::string SumOf(const std::string& password, const std::string& setting) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(password.c_str(), setting.c_str(), scratch.get());
  const std::string_view text = made == nullptr ? "" : made;
  return text.size() == setting.size() + kSumSize ? std::string(text.substr(setting.size())) : "";
}

// The work of a check, for nothing.
void Waste(const std::string& password, int cost) {
  (void)SumOf(password, Beginning(cost) + "X1h4gDWn5.BS0fTkrd.5Uu");
}

}  // namespace

Passwords::Passwords(const std::map<std::string, std::string>& hashes) {
  for (const auto& [name, text] : hashes) {
    const Hash hash = HashOf(text);
    cost_max_ = std::max(cost_max_, hash.cost);
    hashes_.emplace(name, hash);
  }
  if (cost_max_ == 0) cost_max_ = kCostUsual;
}

// The letter behind "$2" says which mistakes of older programs a hash was made with. As Go's
// bcrypt, this knows none of them.
Passwords::Hash Passwords::HashOf(const std::string& text) {
  const int cost = config::BcryptCost(text).value_or(0);
  if (cost == 0 || cost > config::kBcryptCostMax) return {};
  const std::string_view rest = std::string_view(text).substr(text[2] == '$' ? 3 : 4);
  constexpr size_t kCostSize = 3;  // "10$"
  if (rest.size() != kCostSize + kSaltSize + kSumSize || rest[2] != '$') return {};
  Hash hash{.setting = Beginning(cost) + std::string(rest.substr(kCostSize, kSaltSize)),
            .sum = std::string(rest.substr(kCostSize + kSaltSize)),
            .cost = cost};
  return hash;
}

std::optional<Passwords::Verdict> Passwords::Glance(std::string_view authorization) const {
  const std::optional<std::string> pair = PairOf(authorization);
  if (!pair) return Verdict::kWrong;
  return IsRemembered(Digest(*pair)) ? std::optional(Verdict::kRight) : std::nullopt;
}

Passwords::Verdict Passwords::Check(std::string_view authorization) const {
  const std::optional<std::string> pair = PairOf(authorization);
  if (!pair) return Verdict::kWrong;
  const std::string digest = Digest(*pair);
  if (IsRemembered(digest)) return Verdict::kRight;
  const size_t colon = pair->find(':');
  const std::string password = pair->substr(colon + 1);
  const auto user = hashes_.find(pair->substr(0, colon));
  if (user == hashes_.end() || user->second.setting.empty()) {
    Waste(password, cost_max_);
    return Verdict::kWrong;
  }
  const Hash& hash = user->second;
  const std::string sum = SumOf(password, hash.setting);
  if (sum.size() == hash.sum.size() &&
      ::CRYPTO_memcmp(sum.data(), hash.sum.data(), sum.size()) == 0) {
    Remember(digest);
    return Verdict::kRight;
  }
  // Each cost is twice the work of the one below: this one, once more, and all up to the highest
  // make just the work of the highest.
  for (int cost = hash.cost; cost < cost_max_; ++cost) Waste(password, cost);
  return Verdict::kWrong;
}

std::string Passwords::UserOf(std::string_view authorization) {
  const std::optional<std::string> pair = PairOf(authorization);
  return pair ? pair->substr(0, pair->find(':')) : std::string();
}

bool Passwords::IsRemembered(const std::string& digest) const {
  const std::lock_guard lock(mutex_);
  return remembered_.contains(digest);
}

void Passwords::Remember(const std::string& digest) const {
  const std::lock_guard lock(mutex_);
  if (remembered_.size() >= kRememberedMax) remembered_.clear();
  remembered_.insert(digest);
}

}  // namespace signinwatch::http
