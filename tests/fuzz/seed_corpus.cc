// Writes inputs for message_fuzz to start from: seed_corpus DIRECTORY [COUNT]
//
// Each is two bytes of options and a message of message_grammar.h: whole ones of every envelope and
// category first, then damaged ones. The same files in every run.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fuzz/message_grammar.h"

namespace signinwatch {
namespace {

bool WriteInput(const std::filesystem::path& path, uint64_t number, const std::string& message) {
  std::ofstream file(path, std::ios::binary);
  file << static_cast<char>(number % 4) << static_cast<char>(number / 4 % 8) << message;
  file.close();
  return !file.fail();
}

int WriteCorpus(const std::filesystem::path& directory, uint64_t count) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  for (uint64_t number = 0; number < count; ++number) {
    MessageGrammar grammar(number);
    const std::string message = number < count / 2 ? grammar.MakeWhole() : grammar.Make();
    const std::filesystem::path path = directory / ("message_" + std::to_string(number));
    if (!WriteInput(path, number, message)) {
      std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace signinwatch

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: seed_corpus DIRECTORY [COUNT]\n");
    return 2;
  }
  return signinwatch::WriteCorpus(argv[1], argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 500);
}
