// Text as it is compared without case (SPEC 3.2: ASCII).
#ifndef SIGNINWATCH_TESTS_ORACLE_LOWER_H_
#define SIGNINWATCH_TESTS_ORACLE_LOWER_H_

#include <string>

namespace signinwatch::oracle {

[[nodiscard]] inline std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_LOWER_H_
