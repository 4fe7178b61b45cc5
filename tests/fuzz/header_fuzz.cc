// folder: mail
// Any bytes as a message: what is stored must not depend on where reads are cut, must hold every byte that
// came, and a notice about it must stay sound. The first byte chooses the cut and the allowed size of the
// header.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "mail/header.h"
#include "mail/intake.h"
#include "mail/notice.h"
#include "mail/seven_bit.h"

namespace {

using namespace mailchute;

TraceFacts trace_facts(std::string_view words) {
  TraceFacts facts;
  facts.id = MessageId{1};
  facts.by = "relay.test";
  facts.helo = words.substr(0, 300);
  facts.peer = "127.0.0.1";
  facts.protocol = "ESMTP";
  facts.mail_domain = "mail.test";
  return facts;
}

struct Taken {
  std::string stored;
  int refused = 0;
  HeaderSummary summary;
};

Taken take(std::string_view content, std::size_t piece_bytes, std::size_t header_bytes_max) {
  Intake intake(trace_facts(content), header_bytes_max);
  Taken taken;
  for (std::size_t at = 0; at < content.size(); at += piece_bytes)
    taken.stored += intake.take(content.substr(at, piece_bytes));
  taken.stored += intake.finish();
  if (intake.refusal()) taken.refused = intake.refusal()->code;
  taken.summary = intake.summary();
  return taken;
}

/// True when `part` can be had from `whole` by leaving bytes out.
bool is_subsequence(std::string_view part, std::string_view whole) {
  std::size_t found = 0;
  for (char c : whole)
    if (found < part.size() && part[found] == c) ++found;
  return found == part.size();
}

void try_intake(std::string_view content, std::size_t piece_bytes, std::size_t header_bytes_max) {
  const Taken whole = take(content, content.size() + 1, header_bytes_max);
  const Taken pieces = take(content, piece_bytes, header_bytes_max);
  REQUIRE(whole.stored == pieces.stored);
  REQUIRE(whole.refused == pieces.refused);
  REQUIRE(whole.summary.subject == pieces.summary.subject &&
          whole.summary.message_id == pieces.summary.message_id);
  REQUIRE(whole.summary.subject.size() <= 512);
  if (whole.refused != 0) return;
  REQUIRE(is_subsequence(content, whole.stored));
  REQUIRE(whole.stored.starts_with("Received: from"));
}

void try_reader(std::string_view content) {
  HeaderReader reader(content);
  std::string raws;
  while (const auto field = reader.next()) raws += field->raw;
  REQUIRE(raws + std::string(reader.rest()) == content);
}

void try_notice(std::string_view content) {
  const std::string words(content);
  NoticeFacts facts;
  facts.notice_id = facts.id = MessageId{2};
  facts.reporting_mta = facts.mail_domain = facts.original_subject = facts.envelope_id = words;
  facts.to = {Mailbox(words, "r.test")};
  facts.original_header = words;
  NoticeRecipient& recipient = facts.recipients.emplace_back();
  recipient.recipient = {Mailbox(words, words), {}, "rfc822;" + words};
  recipient.action = NoticeRecipient::Action::Failed;
  recipient.reply = {550, words, words};
  recipient.stage = Stage::RcptTo;
  recipient.upstream_host = recipient.explanation = words;
  REQUIRE(is_seven_bit(write_notice(facts)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
  try_intake(content, 1U + (data[0] & 15U), data[0] < 128 ? 64 : 64 * 1024);
  try_reader(content);
  try_notice(content);
  return 0;
}
