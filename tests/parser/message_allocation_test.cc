// A message whose like was parsed before allocates nothing: the daemon parses at the rate of the
// stream, and the allocator would be what it waits for.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "parser/message_parser.h"
#include "tests/parser/entra_json.h"

namespace {

std::atomic<uint64_t> allocations{0};

void* CountedAllocate(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return CountedAllocate(size); }
void* operator new[](std::size_t size) { return CountedAllocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace signinwatch {
namespace {

TEST(MessageAllocationTest, NoneOnceWarm) {
  const std::string sign_in = SignInParts().Json();
  const std::string audit = AuditParts().Json();
  const std::string as_text = Members(SignInParts().record)
                                  .Add("properties", Quoted(SignInParts().properties.Json()))
                                  .Json();
  const std::string escaped =
      SignInParts().properties.Set("appDisplayName", R"("\"A\" \u00e9")").Json();
  const std::vector<std::string> messages = {
      Batch({sign_in, audit, sign_in, as_text, "{\"category\":\"RiskyUsers\"}", "7", "{}"}),
      "{\"value\":[" + GraphSignIn().Json() + "," + escaped + "]}",
      sign_in,
  };
  ParserOptions options;
  options.default_tenant = kTenantGuid;
  MessageParser parser(options);
  ParsedMessage parsed;
  const auto parse_all = [&] {
    for (const std::string& message : messages) parser.Parse(message, kEndOfTime, &parsed);
  };
  parse_all();
  const uint64_t before = allocations;
  for (int i = 0; i < 10; ++i) parse_all();
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(parsed.signals.size(), 1u);
}

}  // namespace
}  // namespace signinwatch
