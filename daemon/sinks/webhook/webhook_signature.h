// How a receiver knows that a webhook came from us and when.
//
//   X-Signinwatch-Timestamp: 1790000000
//   X-Signinwatch-Signature: v1=<64 hexadecimal digits>
//
// The signature is HMAC-SHA256 (RFC 2104), with the configured secret's bytes as the key, over the
// timestamp as it is written, a full stop and the body's bytes as they came. To verify:
//
//   1. Take the body before anything parses it.
//   2. Compute hex(hmac_sha256(secret, timestamp + "." + body)) and compare it with what is behind
//      "v1=", in constant time (hmac.compare_digest, crypto.timingSafeEqual, ...). Of several
//      signatures, separated by commas, one must agree; ignore versions that you do not know.
//   3. Refuse a timestamp that is more than five minutes from your own clock: a request that
//      somebody recorded is worth nothing later. Each attempt is signed anew.
//   4. Ignore an Idempotency-Key (TICKET_ID-REVISION) that was taken before, and answer 2xx.
//
// Stripe and Slack sign timestamp and body in this way; the version leaves room for another.
#ifndef SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_SIGNATURE_H_
#define SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_SIGNATURE_H_

#include <chrono>
#include <string>
#include <string_view>

namespace signinwatch::sinks {

// "v1=..."
[[nodiscard]] std::string WebhookSignature(std::string_view secret, std::chrono::sys_seconds at,
                                           std::string_view body);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_SIGNATURE_H_
