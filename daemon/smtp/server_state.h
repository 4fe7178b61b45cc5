// The inside of ServerSession, for the files that share its work: server_session.cc (the conversation as
// such), server_commands.cc (what each command means), server_content.cc (DATA and BDAT) and server_login.cc
// (AUTH and STARTTLS). Nobody else includes it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "smtp/body_reader.h"
#include "smtp/command.h"
#include "smtp/foreign.h"
#include "smtp/line_reader.h"
#include "smtp/login_exchange.h"
#include "smtp/parameters.h"
#include "smtp/server_session.h"

namespace mailchute {

/// What the driver has of the message: Open from ContentBegins to ContentEnds or ContentAbandoned.
enum class Handover { None, Open, Dropped };

/// From MAIL to the end of data. Its reset() is what RSET, EHLO and the end of data mean, so that no half
/// of it can stay.
struct ServerTransaction {
  Envelope envelope;
  std::unordered_set<std::string> addresses;  // Of the recipients: one given twice is kept once.
  std::size_t recipient_bytes = 0;            // Of their addresses and original recipients.
  std::optional<Recipient> candidate;         // RCPT was said, its answer is owed.
  std::optional<BodyReader> body;
  Handover draft = Handover::None;
};

struct ServerSession::State {
  /// How the next bytes are to be read. LostChunk: octets of a BDAT that was refused.
  enum class Mode { Greeting, Command, Login, Content, Chunk, LostChunk, Closed };
  /// Which answer the driver owes us; until it comes no input is looked at.
  enum class Owed { Nothing, Sender, Recipient, Begin, Message, Login, OwnMail, Tls };

  explicit State(ServerOptions all) : options(std::move(all)) {}

  // server_session.cc
  bool step();
  bool read_line();
  void ask(Owed what, ServerEvent event);
  void say(const Reply& reply);
  void refuse(const Reply& reply);
  void close_with(const Reply& reply);
  void close();
  void drop_draft();
  void drop_transaction();
  Duration command_patience() const;
  bool more_follows() const { return !reader.rest().empty(); }

  // server_commands.cc
  void command(const Line& line);
  void carry_out(const Command& command);
  void hello(const Command& command);
  void mail(std::string_view argument);
  bool is_heavy(const Recipient& recipient) const;
  void rcpt(std::string_view argument);
  void rset();
  void idle_command(const Reply& reply);
  void own_mail(std::string_view argument);
  void answer_sender(const Reply& reply);
  void answer_recipient(const Reply& reply);
  std::string offer() const;
  Dialect dialect() const;

  // server_content.cc
  void data();
  void bdat(std::string_view argument);
  void begin_content(BodyReader::Framing framing);
  void answer_begin(const Reply& reply);
  void answer_message(const Reply& reply);
  bool read_content();
  bool read_chunk();
  bool read_lost_chunk();
  void lose_chunk(const Reply& reply);
  void pass_on(std::string content, std::size_t bytes_read);
  void count_content(std::size_t bytes_read);
  void end_content();

  // server_login.cc
  void start_tls();
  void auth(std::string_view argument);
  void login_line(const Line& line);
  void login_response(std::string_view base64);
  void answer_login(const Reply& reply);

  ServerOptions options;
  Mode mode = Mode::Greeting;
  Owed owed = Owed::Nothing;
  Acquaintance acquaintance = Acquaintance::New;
  enum class Input { Open, Ended } input = Input::Open;
  enum class Service { Running, Stopping } service = Service::Running;

  LineReader reader;
  std::string output;
  std::deque<ServerEvent> events;
  std::uint64_t epoch = 0;

  std::string helo;
  bool extended = false;
  bool logged_in = false;
  std::optional<ServerTransaction> transaction;
  std::optional<ChunkSize> chunk;  // The BDAT that is being read; `bytes` counts down.
  std::optional<Reply> lost;       // What is said when the octets of a refused BDAT have gone by.
  std::optional<LoginExchange> login;

  std::size_t content_bytes_seen = 0;  // Since the epoch changed for content; below 4 KiB.
  int errors = 0;                      // Since the last message taken.
  int junk = 0;                        // Likewise: commands that carried nothing.
  int login_errors = 0;
};

}  // namespace mailchute
