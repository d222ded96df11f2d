"""Figures that are too dear to count at every scrape."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('value', models.DecimalField(decimal_places=9, max_digits=30)),
                ('counted_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'figure',
                'verbose_name_plural': 'figures',
            },
        ),
    ]
