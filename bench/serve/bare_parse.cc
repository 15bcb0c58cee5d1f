// Reads messages, one a line of a file, with simdjson's On-Demand alone: the fields that detection
// needs are touched, and nothing is done with them.
//
//   bare_parse loop|look-up FILE      (how the fields are found)
//
// Prints one JSON object: messages, bytes, cpu_seconds. Reading the file is not in cpu_seconds.
#include <time.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include "bench/parse/bare_simdjson.h"

namespace {

// About what a consumer hands out at once.
constexpr size_t kBlockBytes = size_t{4} << 20;

double ThreadSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Totals {
  uint64_t messages = 0, bytes = 0, sum = 0;
  double cpu_seconds = 0;
};

// The whole lines of the block's first `size` bytes; gives what is left over.
size_t ParseBlock(std::vector<char>& block, size_t size, signinwatch::BareReader& reader, bool loop,
                  Totals& totals) {
  const double began = ThreadSeconds();
  size_t at = 0;
  while (const void* end = std::memchr(block.data() + at, '\n', size - at)) {
    const size_t bytes = static_cast<size_t>(static_cast<const char*>(end) - block.data()) - at;
    const std::string_view message(block.data() + at, bytes);
    totals.sum += loop ? reader.ByLoop(message) : reader.ByLookUp(message);
    ++totals.messages;
    totals.bytes += bytes;
    at += bytes + 1;
  }
  totals.cpu_seconds += ThreadSeconds() - began;
  std::memmove(block.data(), block.data() + at, size - at);
  return size - at;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view how = argc == 3 ? argv[1] : "";
  std::FILE* file = how == "loop" || how == "look-up" ? std::fopen(argv[2], "rb") : nullptr;
  if (file == nullptr) {
    std::fputs("usage: bare_parse loop|look-up FILE (one message a line)\n", stderr);
    return 1;
  }
  std::vector<char> block(kBlockBytes + signinwatch::BareReader::kPadding);
  signinwatch::BareReader reader;
  Totals totals;
  size_t held = 0;
  while (const size_t read = std::fread(block.data() + held, 1, kBlockBytes - held, file)) {
    held = ParseBlock(block, held + read, reader, how == "loop", totals);
  }
  std::fclose(file);
  if (held != 0 || totals.sum == 0) {
    std::fputs("bare_parse: the last line has no end, or is too long\n", stderr);
    return 1;
  }
  std::printf("{\"messages\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"cpu_seconds\":%.3f}\n",
              totals.messages, totals.bytes, totals.cpu_seconds);
  return 0;
}
