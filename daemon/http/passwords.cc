#include "daemon/http/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "parser/ascii.h"

namespace signinwatch {
namespace {

// Of no password: what a name that nobody has is checked against, so that it takes as long.
constexpr const char* kNobody = "$2y$10$X1h4gDWn5.BS0fTkrd.5Uu6QXmZ4TzQ1oZ0eYQ9B1Wk2y2N8Jx3vS";

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

// "name:password" of the header; nothing if it is not of this scheme.
std::optional<std::string> PairOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() < kScheme.size() ||
      !EqualsWithoutCase(authorization.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  return DecodeBase64(authorization.substr(kScheme.size()));
}

bool IsPasswordOf(const std::string& hash, const std::string& password) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(password.c_str(), hash.c_str(), scratch.get());
  return made != nullptr && hash.size() == std::string_view(made).size() &&
         ::CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
}

}  // namespace

Passwords::Verdict Passwords::Check(std::string_view authorization,
                                    std::chrono::milliseconds patience) const {
  const std::optional<std::string> pair = PairOf(authorization);
  // crypt ends a password at a NUL, and would take what is before it.
  if (!pair || pair->find('\0') != std::string::npos) return Verdict::kWrong;
  const size_t colon = pair->find(':');
  if (colon == std::string::npos) return Verdict::kWrong;

  const std::string digest = Digest(*pair);
  if (IsRemembered(digest)) return Verdict::kRight;
  const Turn turn(*this, patience);
  if (!turn.come()) return Verdict::kBusy;
  const auto user = hashes_.find(pair->substr(0, colon));
  const std::string hash = user == hashes_.end() ? kNobody : user->second;
  const bool right = IsPasswordOf(hash, pair->substr(colon + 1)) && user != hashes_.end();
  if (!right) return Verdict::kWrong;
  Remember(digest);
  return Verdict::kRight;
}

std::string Passwords::UserOf(std::string_view authorization) {
  const std::optional<std::string> pair = PairOf(authorization);
  return pair ? pair->substr(0, pair->find(':')) : std::string();
}

Passwords::Turn::Turn(const Passwords& passwords, std::chrono::milliseconds patience)
    : passwords_(passwords) {
  std::unique_lock lock(passwords_.mutex_);
  come_ = passwords_.free_.wait_for(lock, patience, [this] { return !passwords_.checking_; });
  if (come_) passwords_.checking_ = true;
}

Passwords::Turn::~Turn() {
  if (!come_) return;
  const std::lock_guard lock(passwords_.mutex_);
  passwords_.checking_ = false;
  passwords_.free_.notify_one();
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

}  // namespace signinwatch
