// Text from outside as the value of a label.
#ifndef SIGNINWATCH_METRICS_LABEL_VALUE_H_
#define SIGNINWATCH_METRICS_LABEL_VALUE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace signinwatch::metrics {

inline constexpr size_t kLabelBytesMax = 200;

// The expositions are UTF-8: a byte that is not part of a well-formed character (RFC 3629) becomes
// U+FFFD, as harmful characters do (parser/harmful_characters.h): who looks at /metrics by a
// terminal is not to be misled. The result ends before the character that would take it beyond
// kLabelBytesMax.
[[nodiscard]] std::string LabelValue(std::string_view text);

}  // namespace signinwatch::metrics

#endif  // SIGNINWATCH_METRICS_LABEL_VALUE_H_
