// libFuzzer target: the parser and the plain second reader have to agree about every message.
//
// The first two bytes of an input choose the options, the rest is the message. seed_corpus.cc makes
// inputs to start from, message.dict lists the words of the contract.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "tests/fuzz/differential.h"

namespace signinwatch {
namespace {

// One Differential for each choice of options, kept for the whole run.
Differential& DifferentialFor(uint8_t tenant_choice, uint8_t size_choice) {
  static std::map<std::pair<int, int>, Differential> kept;
  static constexpr const char* kTenants[] = {"", "11111111-2222-3333-4444-555555555555", "contoso",
                                             "00000000-0000-0000-0000-000000000000"};
  static constexpr size_t kBytesMax[] = {size_t{16} << 20, size_t{16} << 20, 1024, 64};
  const std::pair<int, int> key{tenant_choice % 4, size_choice % 8};
  oracle::ReaderOptions options;
  options.default_tenant = kTenants[key.first];
  options.message_bytes_max = kBytesMax[key.second % 4];
  options.unwrap = key.second >= 4;
  return kept.try_emplace(key, options).first->second;
}

}  // namespace
}  // namespace signinwatch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view message(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string difference = signinwatch::DifferentialFor(data[0], data[1]).Find(message);
  if (difference.empty()) return 0;
  std::fprintf(stderr, "message: %s\n%s", signinwatch::AsLiteral(message).c_str(),
               difference.c_str());
  std::abort();
}
