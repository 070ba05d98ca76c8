"""Stories as people see them: the card, the list, those of other places, and how to try the same here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.content import Attachment, Block, Content, Text, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.domain.steps import Story
from bot.views.common import button, column
from bot.views.ideas import by
from bot.views.words import excerpt, shortened

ON_CARD = 900
IN_LIST = 120
IN_LINE = 90
GROUP_LINE = Text("What came of it")

GONE = Text("This story is not here any more.")
HIDDEN = Text("A moderator has hidden this story.")
BACK = Text("Your story is taken back.")
NO_MORE = Text("There is no other story of another place now.")


def card(story: Story, conversation: Conversation, author: str, group_what: str, *, private: bool) -> Content:
    """A story: its words, who told it, what it came of, and how to say that it is not all right."""
    if story.state == "hidden":
        return Content.of(title(GROUP_LINE), HIDDEN)
    if story.state == "withdrawn":
        return Content.of(title(GROUP_LINE), Text("This story was taken back by whoever told it."))
    blocks: list[Words | Block] = [title(GROUP_LINE), quote(shortened(story.text, ON_CARD))]
    if author:
        blocks.append(by(excerpt(author, 40)))
    if group_what:
        blocks.append(small(Text("Helper group: %(what)s", {"what": excerpt(group_what, IN_LINE)})))
    if private:
        blocks.append(small(excerpt(conversation.question, IN_LINE)))
    scope = conversation.id
    return Content.of(
        *blocks,
        choices=(
            (
                button(Text("Tell a story"), "story", scope),
                button(Text("This is not all right"), "tale", scope, story.id, "bad", aside=True),
            ),
        ),
    )


def picture(story: Story, data: bytes) -> Content:
    """The picture of a story, below its first words."""
    words = Text("To the story: “%(what)s”", {"what": excerpt(story.text, IN_LIST)})
    seen = Text("A picture to the story “%(what)s”", {"what": excerpt(story.text, IN_LIST)})
    return Content(Content.of(words).blocks, attachment=Attachment("picture", "story.jpg", "image/jpeg", data, seen))


def told(story: Story, *, pictured: bool) -> Content:
    """Thank who told it, and offer what other places have done."""
    return Content.of(
        Text("Thank you for telling it. It goes to the conversation, and into the harvest."),
        *(() if pictured else (small(Text("Have you a picture? Send it to me here within the hour.")),)),
        choices=column(
            button(Text("Take it back"), "tale", story.conversation_id, story.id, "back"),
            button(Text("Stories of other places"), "stories", arg="all0"),
        ),
    )


def listing(conversation: Conversation, stories: Sequence[Story]) -> Content:
    """The stories of a conversation; a button opens each."""
    shown = stories[:6]
    blocks: list[Words | Block] = [title(GROUP_LINE)]
    for number, one in enumerate(shown, 1):
        blocks.append(Text("%(number)d. %(what)s", {"number": number, "what": excerpt(one.text, IN_LIST)}))
    if not shown:
        blocks.append(Text("Nobody has told a story yet. It may be a small one."))
    blocks.append(small(excerpt(conversation.question, IN_LINE)))
    return Content.of(
        *blocks,
        choices=column(
            *(
                button(Text("%(number)d. %(what)s", {"number": number, "what": excerpt(one.text, 24)}), "tale",
                       one.conversation_id, one.id)
                for number, one in enumerate(shown, 1)
            ),
            button(Text("Tell a story"), "story", conversation.id),
            button(Text("Stories of other places"), "stories", arg="all0"),
        ),
    )  # fmt: skip


def elsewhere(story: Story, conversation: Conversation, follows: int) -> Content:
    """A story of another place: what was asked there, what came of it, and the way to try it here."""
    return Content.of(
        title(Text("What came of it in %(place)s", {"place": excerpt(conversation.place_name, 40)})),
        quote(shortened(story.text, ON_CARD)),
        small(excerpt(conversation.question, IN_LINE)),
        choices=column(
            button(Text("Try it here"), "tryit", conversation.id, story.id),
            button(Text("Another story"), "stories", arg=f"all{follows}") if follows else None,
            button(Text("This is not all right"), "tale", conversation.id, story.id, "bad"),
        ),
    )


def how_to_try(story: Story, here: Conversation) -> Content:
    """Ask whether it begins as an idea, or at once as a helper group."""
    scope, subject = story.conversation_id, story.id
    return Content.of(
        Text("Try it in %(place)s? You can change the words before anybody sees them.",
             {"place": excerpt(here.place_name, 40)}),
        quote(excerpt(story.text, IN_LIST)),
        small(excerpt(here.question, IN_LINE)),
        choices=column(
            button(Text("Give it as an idea"), "tryit", scope, subject, "idea"),
            button(Text("Take the lead for it"), "tryit", scope, subject, "lead"),
        ),
    )  # fmt: skip


def receipt(story: Story) -> Text:
    """Tell whoever gave the idea what came of it."""
    return Text("Somebody has told what came of your idea: “%(what)s”", {"what": excerpt(story.text, IN_LINE)})
