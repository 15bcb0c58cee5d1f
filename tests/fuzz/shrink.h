// Makes a message that shows a mistake as small as can be, so that the mistake can be seen.
#ifndef SIGNINWATCH_TESTS_FUZZ_SHRINK_H_
#define SIGNINWATCH_TESTS_FUZZ_SHRINK_H_

#include <functional>
#include <string>
#include <string_view>

namespace signinwatch {

// A smaller message for which `is_wrong` holds, as it does for `message`: values are replaced by a
// 1, then pieces left out, until neither helps. Calls `is_wrong` some thousands of times.
[[nodiscard]] std::string Shrink(std::string message,
                                 const std::function<bool(std::string_view)>& is_wrong);

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_FUZZ_SHRINK_H_
