"""Listens: the bot asks, somebody answers or is silent, and nothing that is said is kept.

Rules
-----
* Of what is said in a room where somebody is listened to, intake stores ids alone. The words come here, in the memory
  of the process that took them in, and go when they are answered.
* The database holds the room, whose it is, and where the talk is: enough for any process to go on from. One of them at
  a time does. Only the step that somebody named is remembered, by the process that heard it; another one reads it in
  the message whose button was pressed, or says "I lost the thread" and asks anew.
* Answers go straight to the network, never through the outbox. Neither words nor names are logged.
* Only explicit wishes leave: a reminder (its time; the words of the step if asked for), or the step as what they then
  give under a command, as if they had typed it.
* Whoever is listened to is told when it ends, and that it is as always again. What was said before, and comes later (or
  is changed later), is not kept either.
* What was heard and not answered, since a process fell, is made up for: "I lost the thread", and the same question.
"""

from bot.listening.listener import Listener
from bot.listening.talking import Talking

__all__ = ["Listener", "Talking"]
