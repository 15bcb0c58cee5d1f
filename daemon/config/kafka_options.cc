#include "daemon/config/kafka_options.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signinwatch::config {
namespace {

constexpr std::string_view kPositions =
    "positions are those of the store, committed with the state, or records would be lost";
constexpr std::string_view kProducer =
    "signinwatch produces with acks=all and idempotence, or tickets could be lost or doubled";
constexpr std::string_view kDeadline = "signinwatch gives each message its deadline";
constexpr std::string_view kBrokers = "that is the key `brokers`";
constexpr std::string_view kCertificate = "certificates of brokers are always checked";
constexpr std::string_view kPrivate =
    "a secret does not belong in this file: use an unencrypted key file that only signinwatch may "
    "read (ssl.key.location)";

constexpr std::array<std::pair<std::string_view, std::string_view>, 23> kRefused{{
    {"acks", kProducer},
    {"auto.offset.reset", "that is the key `kafka.start`, and gaps are found and counted"},
    {"bootstrap.servers", kBrokers},
    {"delivery.timeout.ms", kDeadline},
    {"enable.auto.commit", kPositions},
    {"enable.auto.offset.store", kPositions},
    {"enable.idempotence", kProducer},
    {"enable.partition.eof", "the end of a partition tells that it is idle, and time goes on"},
    {"enable.sasl.oauthbearer.unsecure.jwt", "log-in is by `auth` and its keys"},
    {"group.id", "that is the key `kafka.group`"},
    {"group.protocol", "partitions are handed over by the classic protocol"},
    {"message.timeout.ms", kDeadline},
    {"metadata.broker.list", kBrokers},
    {"partition.assignment.strategy",
     "partitions are handed over one by one (cooperative-sticky), so that the others go on"},
    {"request.required.acks", kProducer},
    {"security.protocol", "that is by the keys `tls` and `auth`"},
    {"ssl.ca.location", "that is the key `ca_file`"},
    {"ssl.certificate.verify_cb", kCertificate},
    {"ssl.key.password", kPrivate},
    {"ssl.key.pem", kPrivate},
    {"ssl.keystore.password", kPrivate},
    {"statistics.interval.ms", "the metrics are made from the statistics"},
    {"transactional.id", kProducer},
}};

}  // namespace

std::string_view KafkaOptionRefusal(std::string_view name, std::string_view value) {
  // librdkafka takes `topic.acks` for `acks`.
  constexpr std::string_view kTopic = "topic.";
  if (name.starts_with(kTopic)) name.remove_prefix(kTopic.size());
  if (name.starts_with("sasl.")) {
    return "log-in is by `auth` and its keys; secrets come by env:NAME or file:PATH";
  }
  // The default is to check: whatever is no plain yes could turn it off.
  if (name == "enable.ssl.certificate.verification" && value != "true") return kCertificate;
  if (name == "ssl.endpoint.identification.algorithm" && value != "https") return kCertificate;
  const auto* refused = std::find_if(kRefused.begin(), kRefused.end(),
                                     [name](const auto& each) { return each.first == name; });
  return refused == kRefused.end() ? std::string_view() : refused->second;
}

bool IsKafkaOptionName(std::string_view name) {
  constexpr size_t kNameBytesMax = 100;
  return !name.empty() && name.size() <= kNameBytesMax &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._") == std::string_view::npos;
}

}  // namespace signinwatch::config
