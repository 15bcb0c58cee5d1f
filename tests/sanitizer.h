// Whether this build runs under AddressSanitizer or ThreadSanitizer: their shadow memory is larger
// than any limit that a test could set, and what is resident is theirs more than the program's.
//
// g++ defines __SANITIZE_ADDRESS__ and __SANITIZE_THREAD__; clang 14 answers __has_feature alone.
#ifndef SIGNINWATCH_TESTS_SANITIZER_H_
#define SIGNINWATCH_TESTS_SANITIZER_H_

namespace signinwatch {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitizedMemory = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitizedMemory = true;
#else
inline constexpr bool kSanitizedMemory = false;
#endif
#else
inline constexpr bool kSanitizedMemory = false;
#endif

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_SANITIZER_H_
